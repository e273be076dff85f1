<?php
// A page that stays busy until all its fellows are. It tells the gate (a socket of bench) its pid and when it started, and
// ends when the gate closes: so bench learns when the last of N workers began to run, and nothing has to guess how long to sleep.
$started = microtime(true);
$gate = stream_socket_client('unix://' . $_SERVER['DOCUMENT_ROOT'] . '/../gate.sock', $code, $text, 5);
if (!$gate) {
    http_response_code(500);
    exit("gate: $text\n");
}
stream_set_timeout($gate, 60);
fprintf($gate, "%d %d\n", getmypid(), $started * 1e6);
fgets($gate);
echo "open\n";
