<?php echo getmypid(), "\n", posix_getppid(), "\n";
