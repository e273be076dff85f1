<?php
// Takes ?bytes of memory, in pieces. PHP keeps about half of the chunks for later requests, so the worker stays large.
ini_set('memory_limit', '512M');
$many = [];
for ($n = (int) $_GET['bytes'] / 100000; $n > 0; $n--) {
    $many[] = str_repeat(chr($n % 256), 100000);
}
echo getmypid();
