<?php
// Counts visits in a session. Files of sessions go to scratch.
session_save_path(dirname(__DIR__) . '/scratch');
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
echo 'visit ', $_SESSION['visits'];
