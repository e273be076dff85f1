<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

$opcache = function_exists('opcache_get_status') ? @opcache_get_status(false) : false;
$yes = static fn (bool $is): string => $is ? 'yes' : 'no';

page_head('Facts', 'What a worker knows about itself. The whole of it would be <code>phpinfo()</code>, which a public page should not show.');
?>
<ul class="badges" aria-label="At a glance">
  <li class="<?= PHP_SAPI === 'cgi-fcgi' ? 'good' : 'plain' ?>">SAPI <?= e(PHP_SAPI) ?></li>
  <li class="<?= $opcache ? 'good' : 'bad' ?>">opcache <?= $opcache ? 'on' : 'off' ?></li>
  <li class="<?= function_exists('fastcgi_finish_request') ? 'good' : 'plain' ?>">fastcgi_finish_request() <?= function_exists('fastcgi_finish_request') ? 'there' : 'missing' ?></li>
</ul>
<div class="columns">
<?php
facts_table('PHP', [
    'Version' => PHP_VERSION,
    'SAPI' => PHP_SAPI,
    'Worker' => getmypid(),
    'User' => function_exists('posix_getpwuid') ? (posix_getpwuid(posix_geteuid())['name'] ?? posix_geteuid()) : get_current_user(),
    'Memory at its peak' => bytes(memory_get_peak_usage(true)),
    'php.ini' => php_ini_loaded_file() ?: '(none)',
    'Extensions' => count(get_loaded_extensions()),
]);
facts_table('opcache', $opcache ? [
    'On' => 'yes',
    'JIT' => $yes((bool) ($opcache['jit']['on'] ?? false)),
    'Scripts cached' => number_format($opcache['opcache_statistics']['num_cached_scripts']),
    'Hits' => number_format($opcache['opcache_statistics']['hits']),
    'Hit rate' => number_format($opcache['opcache_statistics']['opcache_hit_rate'], 1) . ' %',
    'Memory used' => bytes((int) $opcache['memory_usage']['used_memory']),
] : ['On' => 'no']);
facts_table('Limits', [
    'memory_limit' => ini_get('memory_limit'),
    'max_execution_time' => ini_get('max_execution_time') . ' s',
    'post_max_size' => ini_get('post_max_size'),
    'upload_max_filesize' => ini_get('upload_max_filesize'),
    'Temporary files' => sys_get_temp_dir(),
]);
facts_table('This request', [
    'Server software' => $_SERVER['SERVER_SOFTWARE'] ?? '',
    'Protocol' => $_SERVER['SERVER_PROTOCOL'] ?? '',
    'Site' => ($_SERVER['REQUEST_SCHEME'] ?? '') . '://' . ($_SERVER['HTTP_HOST'] ?? ''),
    'Your address' => ($_SERVER['REMOTE_ADDR'] ?? '') . ' port ' . ($_SERVER['REMOTE_PORT'] ?? ''),
    'Document root' => $_SERVER['DOCUMENT_ROOT'] ?? '',
]);
?>
</div>
<?php
page_foot();
