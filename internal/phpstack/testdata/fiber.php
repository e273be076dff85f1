<?php
// A Fiber that waits, and the code that has started it.
function work(): void
{
    usleep(60_000_000);
}

$fiber = new Fiber(function (): void {
    work();
});
$fiber->start();
