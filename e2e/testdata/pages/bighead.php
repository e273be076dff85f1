<?php
// Sends ?bytes of headers, ?each of them long.
$each = (int) ($_GET['each'] ?? 1000);
for ($left = (int) $_GET['bytes'], $i = 0; $left > 0; $left -= $each, $i++) {
    header("X-Big-$i: " . str_repeat('h', $each));
}
echo 'body';
