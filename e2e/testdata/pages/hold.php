<?php
// Holds its worker until the file ?gate exists in scratch. Before, it writes its pid to scratch/GATE.PID, so that the test
// knows who is inside.
$gate = dirname(__DIR__) . '/scratch/' . $_GET['gate'];
file_put_contents($gate . '.' . getmypid(), getmypid());
while (!file_exists($gate)) {
    usleep(2000);
    clearstatcache();
}
echo 'held';
