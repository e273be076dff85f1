<?php
// What arrived by multipart, with checksums of the files.
ksort($_POST);
echo json_encode($_POST), "\n";
foreach ($_FILES as $field => $file) {
    foreach ((array) $file['name'] as $i => $name) {
        $tmp = ((array) $file['tmp_name'])[$i];
        echo $field, ' ', $name, ' ', ((array) $file['error'])[$i], ' ', ((array) $file['size'])[$i], ' ',
            ((array) $file['type'])[$i], ' ', $tmp === '' ? '-' : sha1_file($tmp), ' ', var_export(is_uploaded_file($tmp), true), "\n";
    }
}
echo 'input ', strlen(file_get_contents('php://input')), "\n";
