<?php
// Headers taken away again, odd content types, and what PHP says it will send.
header('X-Keep: 1');
header('X-Drop: 1');
header_remove('X-Drop');
header_remove('X-Powered-By');
if (isset($_GET['none'])) {
    header_remove();
    header('Content-Type:');
}
if (isset($_GET['type'])) {
    header('Content-Type: ' . $_GET['type']);
}
if (isset($_GET['length'])) {
    header('Content-Length: ' . $_GET['length']);
}
if (isset($_GET['callback'])) {
    header_register_callback(function () { header('X-Callback: called'); });
}
echo implode("\n", headers_list());
