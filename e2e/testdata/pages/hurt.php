<?php
// Does harm to the process manager in the way ?how says.
switch ($_GET['how']) {
    case 'parent': posix_kill(posix_getppid(), (int) ($_GET['signal'] ?? SIGTERM)); break;
    case 'self': posix_kill(getmypid(), (int) ($_GET['signal'] ?? 9)); break;
    case 'group': posix_kill(0, (int) ($_GET['signal'] ?? 15)); break;
    case 'segfault': posix_kill(getmypid(), 11); break;
    case 'exec': // a PHP program that runs php-cgi, with and without a script
        echo shell_exec('php-cgi8.2 -v 2>&1'), shell_exec('REDIRECT_STATUS=1 SCRIPT_FILENAME=' . __DIR__ . '/hello.php php-cgi8.2 2>&1');
        break;
    case 'binary': echo shell_exec('timeout 2 ' . (PHP_BINARY ?: 'php-cgi8.2') . ' -q ' . __DIR__ . '/hello.php 2>&1'); break;
    case 'nonblock': // a child that makes its standard input non-blocking
        echo shell_exec('php8.2 -r \'stream_set_blocking(STDIN, false); echo "set";\'');
        break;
    case 'stdout': fwrite(fopen('php://stdout', 'w'), $_GET['text'] ?? 'said on stdout'); break;
    case 'stderr': fwrite(fopen('php://stderr', 'w'), ($_GET['text'] ?? 'said on stderr') . "\n"); break;
    case 'stop': posix_kill(getmypid(), SIGSTOP); break;
    case 'stopparent': posix_kill(posix_getppid(), SIGSTOP); break;
    case 'opcache': opcache_reset(); break;
}
echo ' done';
