<?php
// A page that only computes. ?n= is the number of steps; bench chooses it so that a run takes about 3 ms here.
// The answer is the time the steps took, in microseconds: bench uses it to choose n.
$start = hrtime(true);
$n = (int) ($_GET['n'] ?? 1000);
$sum = 0;
for ($i = 0; $i < $n; $i++) {
    $sum = ($sum * 31 + $i) % 1000003;
}
printf("%d\n", (hrtime(true) - $start) / 1000);
