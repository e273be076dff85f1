<?php
// Sends ?bytes of text that is easy to check: numbered lines. ?chunk bytes are written at a time.
header('Content-Type: application/octet-stream');
$bytes = (int) $_GET['bytes'];
$chunk = (int) ($_GET['chunk'] ?? 100000);
$line = '';
for ($i = 0; strlen($line) < $chunk; $i++) {
    $line .= sprintf("%08d and so on\n", $i);
}
while ($bytes > 0) {
    $part = substr($line, 0, min($chunk, $bytes));
    echo $part;
    if (isset($_GET['flush'])) {
        flush();
    }
    $bytes -= strlen($part);
}
