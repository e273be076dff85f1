<?php
// One worker says who it is, as JSON. hold=50 keeps it busy for 50 ms, so that requests at the same time meet others.
declare(strict_types=1);

usleep(1000 * max(0, min(1000, (int) ($_GET['hold'] ?? 0))));
header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode(['pid' => getmypid(), 'sapi' => PHP_SAPI, 'memory' => memory_get_peak_usage()]), "\n";
