<?php
// Writes a lot where Howdah listens: ?to is stdout (the way of host calls), stderr, or log; ?times × ?bytes. ?forge writes what
// looks like a host call.
$text = isset($_GET['forge']) ? "howdah\x001\x00finish\x00token\x00" : str_repeat('f', (int) ($_GET['bytes'] ?? 1000));
$out = match ($_GET['to']) {
    'stdout' => fopen('php://stdout', 'w'),
    'stderr' => fopen('php://stderr', 'w'),
    'log' => null,
};
$done = 0;
for ($i = (int) ($_GET['times'] ?? 1); $i > 0; $i--) {
    if ($out) {
        $done += (int) @fwrite($out, $text);
    } else {
        error_log($text);
    }
}
echo 'flooded';
