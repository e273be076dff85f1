<?php
/*
 * WebSockets for PHP: what a script says to connections, and what an event script is run for. Howdah appends this file to
 * preload.php, so that every script of a pool has it. Compiles on PHP 8.1 to 8.5.
 *
 * A call is one message on descriptor 1 (see README.md): it takes effect when it is made, touches neither headers nor output, and
 * carries any bytes. Its payload is fields of one byte of length each, then the data.
 */
namespace Howdah\Internal {

    if (!\function_exists(__NAMESPACE__ . '\tell')) {

        /** Makes a call: fields of at most 255 bytes each, then data of at most 128 KiB. */
        function tell(string $kind, array $fields, string $data = ''): void
        {
            if (\strlen($data) > 131072) {
                throw new \LengthException(\strlen($data) . ' bytes are more than the 131072 that Howdah takes at once');
            }
            $head = '';
            foreach ($fields as $field) {
                $head .= \chr(\strlen($field)) . $field;
            }
            call($kind, $head . $data);
        }

        function channel(string $name): string
        {
            if (\preg_match('~^[A-Za-z0-9_\-=@,.;:/]{1,200}$~D', $name) !== 1) {
                throw new \ValueError('"' . \substr($name, 0, 80) . '" is not a name for a channel: 1 to 200 of A-Z a-z 0-9 _ - = @ , . ; : /');
            }
            return $name;
        }

        function id(string $id): string
        {
            if (\preg_match('~^[0-9]{1,20}\.[0-9]{1,20}$~D', $id) !== 1) {
                throw new \ValueError('"' . \substr($id, 0, 80) . '" is not the id of a connection');
            }
            return $id;
        }

        function user(string $user): string
        {
            if ($user === '' || \strlen($user) > 64) {
                throw new \ValueError('the name of a user has 1 to 64 bytes');
            }
            return $user;
        }

        function text(string $data, bool $binary): string
        {
            if (!$binary && \preg_match('//u', $data) !== 1) {
                throw new \ValueError('the text is not UTF-8: send it as binary');
            }
            return $binary ? "\1" : "\0";
        }

        /** @return array{string, string} a code as two bytes, and a reason */
        function farewell(int $code, string $reason): array
        {
            if (!($code === 1000 || $code === 1008 || $code === 1011 || ($code >= 3000 && $code <= 4999))) {
                throw new \ValueError("$code is not a code to close with: 1000, 1008, 1011 or 3000 to 4999");
            }
            if (\strlen($reason) > 123 || \preg_match('//u', $reason) !== 1) {
                throw new \ValueError('the reason of a close is UTF-8 of at most 123 bytes');
            }
            return [\pack('n', $code), $reason];
        }

        /** The event that this request is for, and what there is to save at its end. */
        final class Current
        {
            public static ?\Howdah\Event $event = null;
            public static array $saved = [];
            private static bool $over = false;

            public static function start(): ?\Howdah\Event
            {
                $type = \getenv('HOWDAH_EVENT');
                if (self::$event !== null || $type === false) {
                    return self::$event;
                }
                \ini_set('display_errors', '0'); // warnings are not for the client
                $state = \getenv('HOWDAH_STATE');
                self::$saved = $state === false ? [] : \json_decode($state, true, 512, \JSON_BIGINT_AS_STRING) ?? [];
                $user = \getenv('HOWDAH_USER');
                $request = new \Howdah\Request(\getenv('HOWDAH_ROUTE'), \getenv('HOWDAH_PATH'), self::env('HOWDAH_SUBPROTOCOL'));
                $connection = new \Howdah\Connection(\getenv('HOWDAH_ID'), $user === false ? null : $user, $request, self::$saved, $type === 'open');
                $data = match ($type) {
                    'message' => (string) \file_get_contents('php://input'),
                    'close' => (string) self::env('HOWDAH_REASON'),
                    default => '',
                };
                self::$event = new \Howdah\Event($type, $connection, $data, \getenv('HOWDAH_BINARY') === '1', (int) \getenv('HOWDAH_CODE'));
                \register_shutdown_function([self::class, 'save']);
                return self::$event;
            }

            private static function env(string $name): ?string
            {
                $value = \getenv($name);
                return $value === false ? null : $value;
            }

            /** Tells Howdah the state, if it has changed. At the end of the script, or at fastcgi_finish_request(). */
            public static function save(): void
            {
                if (self::$event === null || self::$over) {
                    return;
                }
                self::$over = true;
                $state = self::$event->connection->state;
                if ($state === self::$saved) {
                    return;
                }
                try {
                    self::plain($state, 'state');
                    $json = \json_encode((object) $state, \JSON_THROW_ON_ERROR | \JSON_UNESCAPED_SLASHES | \JSON_UNESCAPED_UNICODE | \JSON_PRESERVE_ZERO_FRACTION);
                    tell('state', [self::$event->connection->id], $json);
                } catch (\Throwable $e) {
                    \error_log('Howdah: the state of connection ' . self::$event->connection->id . ' is not saved: ' . $e->getMessage());
                }
            }

            private static function plain(array $values, string $name): void
            {
                foreach ($values as $key => $value) {
                    if (\is_array($value)) {
                        self::plain($value, "{$name}[$key]");
                    } elseif ($value !== null && !\is_scalar($value)) {
                        throw new \TypeError("{$name}[$key] is of type " . \get_debug_type($value) . ': only scalars and arrays can be kept');
                    }
                }
            }
        }
    }
}

namespace Howdah {

    if (!\function_exists(__NAMESPACE__ . '\publish')) {

        /** Sends data to every connection that is subscribed to a channel, but for the one whose id is $exclude. */
        function publish(string $channel, string $data, ?string $exclude = null, bool $binary = false): void
        {
            Internal\tell('publish', [Internal\text($data, $binary), Internal\channel($channel), $exclude === null ? '' : Internal\id($exclude)], $data);
        }

        /** Sends data to one connection. One that is not there is no error: it may have gone just now. */
        function send(string $id, string $data, bool $binary = false): void
        {
            Internal\tell('send', [Internal\text($data, $binary), Internal\id($id)], $data);
        }

        /** Sends data to all connections of a user. */
        function sendUser(string $user, string $data, bool $binary = false): void
        {
            Internal\tell('send_user', [Internal\text($data, $binary), Internal\user($user)], $data);
        }

        /** Closes a connection. Clients stay away after 40xx, back off after 41xx, and come back at once after 42xx. */
        function close(string $id, int $code = 4020, string $reason = ''): void
        {
            [$code, $reason] = Internal\farewell($code, $reason);
            Internal\tell('close', [$code, Internal\id($id)], $reason);
        }

        /** Closes all connections of a user, as at a logout. */
        function closeUser(string $user, int $code = 4020, string $reason = ''): void
        {
            [$code, $reason] = Internal\farewell($code, $reason);
            Internal\tell('close_user', [$code, Internal\user($user)], $reason);
        }

        /** Puts a connection into channels. */
        function subscribe(string $id, string ...$channels): void
        {
            Internal\tell('subscribe', [Internal\id($id)], \implode("\n", \array_map('Howdah\Internal\channel', $channels)));
        }

        /** Takes a connection out of channels. */
        function unsubscribe(string $id, string ...$channels): void
        {
            Internal\tell('unsubscribe', [Internal\id($id)], \implode("\n", \array_map('Howdah\Internal\channel', $channels)));
        }

        /** The event that this script is run for; null in an ordinary request. */
        function event(): ?Event
        {
            return Internal\Current::start();
        }

        /** What an event script is run for: a connection wants to open, has sent a message, or has closed. */
        final class Event
        {
            /** @internal */
            public function __construct(
                public readonly string $type,
                public readonly Connection $connection,
                public readonly string $data,
                public readonly bool $binary,
                public readonly int $code,
            ) {
            }

            /** Lets the connection in. Without this it is refused. A subprotocol must be one that the route and the client have. */
            public function accept(?string $user = null, ?string $subprotocol = null): Connection
            {
                if ($this->type === 'open') {
                    Internal\tell('accept', [$this->connection->id, $user === null ? '' : Internal\user($user), (string) $subprotocol]);
                    $this->connection->own($user);
                }
                return $this->connection;
            }

            /** Keeps the connection out: 400 to 599 is the HTTP status; 4000 to 4199 lets it in and closes it, so that a browser learns why. */
            public function refuse(int $code = 403, string $reason = ''): never
            {
                if (!($code >= 400 && $code <= 599) && !($code >= 4000 && $code <= 4199)) {
                    throw new \ValueError("$code is neither an HTTP status from 400 to 599 nor a close code from 4000 to 4199");
                }
                if (\strlen($reason) > 123 || \preg_match('//u', $reason) !== 1) {
                    throw new \ValueError('the reason is UTF-8 of at most 123 bytes');
                }
                if ($this->type === 'open') {
                    Internal\tell('refuse', [$this->connection->id, \pack('n', $code)], $reason);
                } else {
                    $this->connection->close($code >= 4000 ? $code : 4009, $reason);
                }
                exit;
            }
        }

        /** The request that a connection was opened by. Cookies and query stay those of that moment. */
        final class Request
        {
            public readonly string $address;
            public readonly array $query, $headers, $cookies;

            /** @internal */
            public function __construct(public readonly string $route, public readonly string $path, public readonly ?string $subprotocol)
            {
                $headers = $cookies = $query = [];
                foreach (\getenv() as $name => $value) {
                    if (\str_starts_with($name, 'HTTP_')) {
                        $headers[\strtolower(\strtr(\substr($name, 5), '_', '-'))] = $value;
                    }
                }
                foreach (\explode(';', $headers['cookie'] ?? '') as $cookie) {
                    [$name, $value] = \explode('=', $cookie, 2) + [1 => null];
                    if ($value !== null) {
                        $cookies[\trim($name)] ??= \urldecode($value);
                    }
                }
                \parse_str((string) \getenv('QUERY_STRING'), $query);
                $address = (string) \getenv('REMOTE_ADDR');
                $this->address = $address === 'unix:' ? '' : $address;
                $this->query = $query;
                $this->headers = $headers;
                $this->cookies = $cookies;
            }
        }

        /** One WebSocket. */
        final class Connection
        {
            public readonly ?string $user;

            /** @internal */
            public function __construct(
                public readonly string $id,
                ?string $user,
                public readonly Request $request,
                /** @var array Scalars and arrays, up to 16 KiB of JSON; kept for the connection's next events when the script ends well. */
                public array $state = [],
                bool $opening = false,
            ) {
                if ($opening) {
                    unset($this->user); // it is set by accept(); until then __get answers
                } else {
                    $this->user = $user;
                }
            }

            /** @internal */
            public function own(?string $user): void
            {
                try {
                    $this->user = $user;
                } catch (\Error) { // accepted before
                }
            }

            public function __get(string $name): mixed
            {
                if ($name === 'user') {
                    return null;
                }
                \trigger_error('Undefined property: ' . self::class . "::\$$name", \E_USER_WARNING);
                return null;
            }

            /** Sends data now; what the script prints is sent at its end. */
            public function send(string $data, bool $binary = false): void
            {
                send($this->id, $data, $binary);
            }

            public function subscribe(string ...$channels): static
            {
                subscribe($this->id, ...$channels);
                return $this;
            }

            public function unsubscribe(string ...$channels): static
            {
                unsubscribe($this->id, ...$channels);
                return $this;
            }

            public function close(int $code = 1000, string $reason = ''): void
            {
                close($this->id, $code, $reason);
            }
        }
    }
}
