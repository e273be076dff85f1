<?php
// Starts a background job that outlives the request. ?how tells how its output is dealt with; ?mark names the job.
$mark = escapeshellarg(dirname(__DIR__) . '/scratch/' . $_GET['mark']);
$job = 'sh -c ' . escapeshellarg("echo \$\$ > $mark.pid; while :; do sleep 1000; done");
match ($_GET['how'] ?? 'quiet') {
    'quiet' => exec("$job >/dev/null 2>&1 &"),
    'nohup' => exec("nohup $job >/dev/null 2>&1 &"),
    'setsid' => exec("setsid $job >/dev/null 2>&1 < /dev/null &"),
};
echo 'started ', getmypid();
