<?php
// A generator that delegates to one that delegates to one that waits.
function first(): Generator
{
    yield 1;
    yield from second();
}

function second(): Generator
{
    yield 2;
    yield from third();
}

function third(): Generator
{
    yield 3;
    usleep(60_000_000);
    yield 4;
}

function consume(): void
{
    foreach (first() as $x) {
        $last = $x;
    }
}

consume();
