<?php
// Calls and returns without end, as fast as PHP can; the frames below stay.
function leaf(int $n): int
{
    return $n > 0 ? leaf($n - 1) + 1 : 0;
}

class Mill
{
    public function turn(): void
    {
        for (;;) {
            leaf(random_int(0, 7));
        }
    }
}

function below(): void
{
    (new Mill())->turn();
}

below();
