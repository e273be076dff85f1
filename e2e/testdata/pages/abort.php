<?php
// Writes until nobody reads any more. ?ignore goes on for ?more lines after that. What it lived to see is in scratch/NAME.
$name = dirname(__DIR__) . '/scratch/' . $_GET['name'];
while (ob_get_level()) {
    ob_end_flush();
}
if (isset($_GET['ignore'])) {
    ignore_user_abort(true);
}
register_shutdown_function(function () use ($name) {
    file_put_contents($name . '.end', connection_status());
});
echo "begun\n";
flush();
file_put_contents($name . '.pid', getmypid());
$more = (int) ($_GET['more'] ?? 50);
while (!connection_aborted() || $more-- > 0) {
    echo str_repeat('x', 4096);
    flush();
    usleep(2000);
}
file_put_contents($name . '.after', 'went on');
