<?php
// Answers early with fastcgi_finish_request(), then goes on: waits for the file ?gate in scratch and writes scratch/GATE.after.
$gate = dirname(__DIR__) . '/scratch/' . $_GET['gate'];
if (($_GET['body'] ?? '1') === '1') {
    echo 'early';
}
header('X-Early: yes');
ignore_user_abort(isset($_GET['ignore']));
$first = fastcgi_finish_request();
echo str_repeat('late ', (int) ($_GET['late'] ?? 1));
flush();
while (!file_exists($gate)) {
    usleep(2000);
    clearstatcache();
}
file_put_contents($gate . '.after', json_encode([$first, fastcgi_finish_request(), connection_status(), headers_sent()]));
