<?php
/*
 * The first request of a generation. It proves that Howdah's functions are there, and that a message of theirs reaches Howdah.
 * The answer is one line: "howdah-probe", PHP's version, and "ok" or what is wrong.
 */
declare(strict_types=1);

namespace Howdah\Internal {

    /** A frame that Howdah knows: it reads the stack of its workers from outside, and proves here that it reads it right. */
    final class Known
    {
        public static function frame(string $file): void
        {
            if (!\function_exists('flock') || !\function_exists('fopen') || ($lock = \fopen($file, 'rb')) === false) {
                return;
            }
            if (!\flock($lock, \LOCK_SH | \LOCK_NB)) { // Howdah holds it, and waits for
                call('stack');
                \flock($lock, \LOCK_SH); // until it has looked
            }
        }
    }
}

namespace {
    $state = 'ok';
    if (!\function_exists('Howdah\Internal\call')) {
        $state = 'preload.php was not run';
    } elseif (\Howdah\Internal\missing() !== '') {
        $state = 'disabled by disable_functions: ' . \Howdah\Internal\missing();
    } elseif (!\function_exists('fastcgi_finish_request')) {
        $state = 'fastcgi_finish_request is not defined';
    } elseif (!\Howdah\Internal\call('ready', \PHP_VERSION)) {
        $state = 'a message to php://stdout was not sent (are fopen and fwrite disabled?)';
    }
    if (\function_exists('Howdah\Internal\call')) {
        \Howdah\Internal\Known::frame(__FILE__);
    }
    echo "\nhowdah-probe ", \PHP_VERSION, ' ', $state, "\n";
}
