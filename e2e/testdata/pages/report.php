<?php
// Prints everything that a request looks like to PHP, one fact a line, so that two servers can be compared line by line.
header('Content-Type: text/plain; charset=utf-8');
function show(string $what, array $values): void
{
    ksort($values);
    foreach ($values as $name => $value) {
        echo $what, '[', $name, '] = ', rawurlencode(is_array($value) ? serialize($value) : (string) $value), "\n";
    }
    echo $what, ' has ', count($values), "\n";
}
show('SERVER', $_SERVER);
// getenv() of everything has the request's parameters too under php-fpm, and not under php-cgi: no Howdah can change that. By name
// they are there under both.
$process = array_filter(array_map(fn ($name) => getenv($name, true), array_combine(array_keys(getenv()), array_keys(getenv()))), 'is_string');
show('ENVIRONMENT', $process);
show('getenv', array_map(fn ($name) => var_export(getenv($name), true), array_combine(array_keys($_SERVER), array_map('strval', array_keys($_SERVER)))));
foreach (['SCRIPT_NAME', 'CONTENT_LENGTH', 'HTTP_PROXY', 'PATH', 'HOME', 'USER', 'nothing'] as $name) {
    echo 'getenv(', $name, ') = ', var_export(getenv($name), true), ' local ', var_export(getenv($name, true), true), "\n";
}
show('ENV', $_ENV);
show('GET', $_GET);
show('POST', $_POST);
show('COOKIE', $_COOKIE);
show('REQUEST', $_REQUEST);
show('FILES', array_map(fn ($f) => array_diff_key($f, ['tmp_name' => 1]), $_FILES));
show('HEADERS', getallheaders());
show('APACHE', apache_request_headers());
echo 'argv ', var_export($_SERVER['argv'] ?? null, true), "\n";
echo 'input ', strlen(file_get_contents('php://input')), ' ', sha1(file_get_contents('php://input')), "\n";
echo 'cwd ', getcwd(), "\n", 'file ', __FILE__, "\n";
echo 'user ', posix_geteuid(), ' group ', posix_getegid(), ' groups ', implode(',', posix_getgroups()), "\n";
echo 'umask ', decoct(umask()), "\n";
echo 'sapi ', PHP_SAPI, "\n";
foreach (['memory_limit', 'display_errors', 'max_execution_time', 'post_max_size', 'error_log', 'output_buffering',
    'disable_functions', 'auto_prepend_file', 'user_ini.filename', 'cgi.fix_pathinfo', 'open_basedir', 'include_path'] as $key) {
    echo 'ini ', $key, ' = ', var_export(ini_get($key), true), "\n";
}
// Howdah has one more ini file, with what the administrator sets: only PHP's own are compared.
$scanned = preg_grep('~^/etc/php/~', preg_split('~[,\s]+~', (string) php_ini_scanned_files()));
echo 'loaded ini ', php_ini_loaded_file(), ' + ', implode(' ', $scanned), "\n";
// Debian builds pcntl into php-cgi only.
echo 'extensions ', implode(' ', array_diff(get_loaded_extensions(), ['cgi-fcgi', 'pcntl'])), "\n";
