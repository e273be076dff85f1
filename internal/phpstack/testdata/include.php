<?php
// An included file whose eval() waits.
function load(string $file): void
{
    require __DIR__ . '/' . $file;
}

load('included.inc');
