<?php
match ($_GET['kind'] ?? 'plain') {
    'plain' => header('Location: /hello.php'),
    'absolute' => header('Location: http://example.test/hello.php?a=b'),
    'see' => header('Location: /hello.php', true, 303),
    'created' => header('Location: /hello.php', true, 201),
    'refresh' => header('Refresh: 5; url=/hello.php'),
};
echo 'moved';
