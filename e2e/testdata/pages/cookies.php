<?php
// Several cookies and repeated headers, in an order that must stay.
setcookie('plain', 'value');
setcookie('odd', "a b;c=ü\n", ['path' => '/x', 'httponly' => true, 'samesite' => 'Lax']);
setcookie('gone', '', 1);
header('X-Twice: one');
header('X-Twice: two', false);
header('X-Once: one');
header('X-Once: two');
header('X-Empty:');
header('X-Long: ' . str_repeat('long ', 300));
ksort($_COOKIE);
var_dump($_COOKIE);
