<?php
// The front controller that nginx falls back to.
echo 'index ', $_SERVER['REQUEST_URI'], ' ', $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['PATH_INFO'] ?? '-', ' ', $_SERVER['PHP_SELF'];
