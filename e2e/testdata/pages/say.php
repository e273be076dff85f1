<?php
// Says ?what where an operator looks for it: ?to stdout, stderr or, by error_log(), log.
$text = match ($_GET['what']) {
    'word' => 'a word',
    'end' => 'the end',
    'lines' => "one\ntwo",
    'long' => str_repeat('0123456789', 400),
    'dump' => print_r(['key' => [1, 2]], true),
    'two' => 'first',
    'throw' => throw new RuntimeException("of\nseveral lines"),
};
switch ($_GET['to']) {
    case 'stdout': fwrite(fopen('php://stdout', 'w'), $text); break;
    case 'stderr': fwrite(fopen('php://stderr', 'w'), $text . "\n"); break;
    case 'log': error_log($text); break;
}
if ($_GET['what'] === 'two') {
    echo str_repeat('x', 10000);
    flush();
    error_log('second');
}
echo 'said';
