<?php
// The body as PHP sees it: announced length, real length, checksum.
$in = fopen('php://input', 'r');
$hash = hash_init('sha1');
$length = 0;
while (!feof($in)) {
    $part = fread($in, 65536);
    $length += strlen($part);
    hash_update($hash, $part);
}
echo $_SERVER['REQUEST_METHOD'], ' ', var_export($_SERVER['CONTENT_LENGTH'] ?? null, true), ' ', $length, ' ', hash_final($hash), "\n";
