<?php
// A function that calls a function that waits.
function outer(): void
{
    inner(1);
}

function inner(int $n): void
{
    usleep(60_000_000);
}

outer();
