<?php
// Closures, one of them called by an internal function, and a call that __call takes.
class Proxy
{
    public function __call(string $name, array $arguments): mixed
    {
        return array_map(function ($x) {
            usleep(60_000_000);
            return $x;
        }, $arguments);
    }
}

$go = function () {
    (new Proxy())->anything(1);
};
$go();
