<?php
// Sends "one", then waits until the file ?gate exists in scratch, then sends "two": shows whether output arrives in time.
while (ob_get_level()) {
    ob_end_flush();
}
header('X-Accel-Buffering: no');
echo "one\n";
flush();
$gate = dirname(__DIR__) . '/scratch/' . $_GET['gate'];
while (!file_exists($gate)) {
    usleep(2000);
    clearstatcache();
}
echo "two\n";
