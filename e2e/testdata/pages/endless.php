<?php
// Runs into the deadline. Its shutdown function leaves word in scratch.
$name = dirname(__DIR__) . '/scratch/' . $_GET['name'];
set_time_limit(0);
register_shutdown_function(function () use ($name) {
    file_put_contents($name . '.shutdown', getmypid());
});
if (isset($_GET['begin'])) {
    while (ob_get_level()) {
        ob_end_flush();
    }
    echo 'begun';
    flush();
}
if (isset($_GET['blocked'])) {
    $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    fread($pair[0], 1); // nobody writes: a blocked read, which PHP's own time limit can't interrupt
}
for (;;) {
    usleep(1000);
}
