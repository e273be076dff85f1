<?php
echo json_encode(['user' => posix_geteuid(), 'env' => getenv('MARK'), 'cwd' => getcwd(), 'home' => getenv('HOME'), 'pid' => getmypid(),
    'files' => posix_getrlimit()['soft openfiles']]);
