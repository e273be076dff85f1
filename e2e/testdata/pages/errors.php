<?php
// Goes wrong in the way ?kind says. display_errors is on if ?show.
ini_set('display_errors', isset($_GET['show']) ? '1' : '0');
ini_set('html_errors', isset($_GET['html']) ? '1' : '0');
error_reporting(E_ALL);
register_shutdown_function(function () { echo ' [shutdown]'; });
if (isset($_GET['before'])) {
    echo 'before ';
    ob_flush();
    flush();
}
switch ($_GET['kind']) {
    case 'notice': echo $undefined; break;
    case 'warning': echo file_get_contents('/nonexistent'); break;
    case 'deprecated': strlen(null); break;
    case 'user': trigger_error('of the user', E_USER_WARNING); break;
    case 'many': for ($i = 0; $i < 20; $i++) { trigger_error("number $i"); } break;
    case 'fatal': nonexistent_function(); break;
    case 'memory': ini_set('memory_limit', '4M'); str_repeat('x', 8 << 20); break;
    case 'type': strlen([]); break;
    case 'exception': throw new RuntimeException("of\nseveral lines");
    case 'parse': include __DIR__ . '/errors/parse.txt'; break;
    case 'include': require __DIR__ . '/errors/missing.php'; break;
    case 'log': error_log('a line for the log'); error_log("two\nlines"); break;
    case 'exit0': exit(0);
    case 'exit3': exit(3);
    case 'exit255': exit(255);
    case 'text': exit('last words');
    case 'timeout': set_time_limit(1); for (;;) { sqrt(2); }
    case 'class': new class implements Traversable {}; break;
}
echo ' after';
