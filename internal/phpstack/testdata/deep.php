<?php
// A recursion that is far deeper than anybody reads.
function down(int $n): void
{
    if ($n === 0) {
        usleep(60_000_000);
        return;
    }
    down($n - 1);
}

down(20_000);
