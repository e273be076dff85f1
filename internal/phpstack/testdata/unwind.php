<?php
// A destructor that waits, while an exception is on its way.
class Slow
{
    public function __destruct()
    {
        usleep(60_000_000);
    }
}

function throws(): void
{
    $slow = new Slow();
    throw new RuntimeException('on its way');
}

try {
    throws();
} catch (RuntimeException) {
}
