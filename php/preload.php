<?php
/*
 * Howdah's functions for PHP 8.1 to 8.5. Every script of a pool has them.
 *
 * Howdah starts php-cgi with a copy of this file as opcache.preload, so that the functions exist in each request without an
 * include; where there is no opcache the copy is auto_prepend_file, so that it runs once per request. The copy has a secret
 * in place of the word below; it proves to Howdah that a message was made here and not by a script that writes to php://stdout.
 *
 * This file prints nothing and defines nothing else. See php/README.md for the messages.
 */
declare(strict_types=1);

namespace Howdah\Internal {

    if (!\function_exists(__NAMESPACE__ . '\call')) {

        /**
         * Sends one message to Howdah: descriptor 1 is a socket that keeps messages apart. It waits while the socket is full.
         * The worker's pid goes with it by the kernel, so a message cannot claim to be another worker's.
         *
         * @return bool false: not sent (too long for one message, or fopen and fwrite are disabled)
         */
        function call(string $kind, string $payload = ''): bool
        {
            static $out = null;
            $message = '@HOWDAH_TOKEN@' . ' ' . $kind . "\0" . $payload;
            if (\strlen($message) > 147456 || !\function_exists('fopen') || !\function_exists('fwrite')) {
                return false;
            }
            $out ??= \fopen('php://stdout', 'wb');
            return $out !== false && \fwrite($out, $message) === \strlen($message);
        }

        /** Names the functions that the site has disabled and that fastcgi_finish_request() cannot do without. */
        function missing(): string
        {
            $missing = [];
            foreach (['ob_get_level', 'ob_get_status', 'ob_end_flush', 'headers_sent', 'error_log', 'flush'] as $name) {
                if (!\function_exists($name)) {
                    $missing[] = $name;
                }
            }
            return \implode(', ', $missing);
        }
    }
}

namespace Howdah\Internal {

    if (!\function_exists(__NAMESPACE__ . '\ask')) {

        /**
         * Asks Howdah over the pool's client socket, which answers also when every worker is busy, and waits for the answer.
         *
         * @return mixed null: nobody answers within 2 s, or Howdah says that it can't (the reason is logged)
         */
        function ask(string $call, array $arguments = []): mixed
        {
            foreach (['stream_socket_client', 'stream_set_timeout', 'fwrite', 'fgets', 'json_encode', 'json_decode'] as $name) {
                if (!\function_exists($name)) {
                    return null;
                }
            }
            $socket = @\stream_socket_client('unix://' . '@HOWDAH_SOCKET@', $code, $error, 2.0);
            if ($socket === false) {
                return null;
            }
            \stream_set_timeout($socket, 2);
            \fwrite($socket, \json_encode(['v' => 1, 'call' => $call, 'args' => (object) $arguments]) . "\n");
            $answer = \json_decode((string) \fgets($socket), true);
            if (isset($answer['error'])) {
                \error_log("Howdah: $call: $answer[error]");
            }
            return $answer['result'] ?? null;
        }
    }
}

namespace {

    if ('@HOWDAH_SOCKET@' !== '' && !\function_exists('fpm_get_status')) {

        /** Returns what php-fpm's function of this name returns: the pool's status page as an array, with its workers in "procs". */
        function fpm_get_status(): array|false
        {
            return \Howdah\Internal\ask('fpm_get_status') ?? false;
        }
    }

    if (!\function_exists('fastcgi_finish_request') && \Howdah\Internal\missing() === '') {

        /**
         * Sends the response to the client; the script goes on without one. What it prints afterwards is dropped.
         *
         * @return bool false: the response was finished before, or an output buffer may not be removed (php-fpm removes
         *              even those)
         */
        function fastcgi_finish_request(): bool
        {
            static $finished = false;
            if ($finished) {
                return false;
            }
            while (\ob_get_level() > 0) {
                if ((\ob_get_status()['flags'] & \PHP_OUTPUT_HANDLER_REMOVABLE) === 0) {
                    return false;
                }
                \ob_end_flush();
            }
            $finished = true;
            \Howdah\Internal\Current::save();
            // Only output makes PHP send the header before 8.4. Howdah drops this byte again: the mark says that it is there.
            $nul = \headers_sent() ? 0 : 1;
            if ($nul === 1) {
                echo "\0";
            }
            // A record of FastCGI's STDERR stands where it was written between the records of STDOUT.
            \error_log('<howdah:finish:' . '@HOWDAH_TOKEN@' . ':' . $nul . '>', 4);
            \flush();
            return true;
        }
    }
}

namespace {
    /*@HOWDAH_AFTER@*/
}
