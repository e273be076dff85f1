<?php
// A method, a static one that a subclass inherits, one that comes from a trait, and one of a nameless class.
trait Waits
{
    public function wait(): void
    {
        usleep(60_000_000);
    }
}

class Base
{
    use Waits;

    public static function start(): void
    {
        (new static())->run();
    }

    public function run(): void
    {
        $other = new class ($this) {
            public function __construct(Base $base)
            {
                $base->wait();
            }
        };
    }
}

class Child extends Base
{
}

Child::start();
