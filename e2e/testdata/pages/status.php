<?php
// Answers with the status that the query asks for, in one of the ways there are to say it.
match ($_GET['by'] ?? 'code') {
    'code' => http_response_code((int) $_GET['status']),
    'line' => header('HTTP/1.1 ' . $_GET['status'] . ' As I Say'),
    'short' => header('HTTP/1.0 ' . $_GET['status']),
    'status' => header('Status: ' . $_GET['status'] . ' So There'),
    'third' => header('X-Third: 1', true, (int) $_GET['status']),
};
echo 'status is ', var_export(http_response_code(), true);
