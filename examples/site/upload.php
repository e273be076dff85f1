<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

const UPLOAD_ERRORS = [
    UPLOAD_ERR_INI_SIZE => 'It is larger than upload_max_filesize.',
    UPLOAD_ERR_FORM_SIZE => 'It is larger than the form allows.',
    UPLOAD_ERR_PARTIAL => 'Only a part of it arrived.',
    UPLOAD_ERR_NO_FILE => 'No file was chosen.',
    UPLOAD_ERR_NO_TMP_DIR => 'PHP has no directory for temporary files.',
    UPLOAD_ERR_CANT_WRITE => 'PHP could not write it to disk.',
    UPLOAD_ERR_EXTENSION => 'A PHP extension refused it.',
];

$file = null;
$problem = null;
if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
    $file = $_FILES['file'] ?? null;
    if (!is_array($file) || !is_int($file['error'] ?? null)) {
        $problem = 'The request is larger than post_max_size, so PHP did not read it.';
        $file = null;
    } elseif ($file['error'] !== UPLOAD_ERR_OK) {
        $problem = UPLOAD_ERRORS[$file['error']] ?? 'Error ' . $file['error'];
        $file = null;
    }
    if ($problem !== null) {
        http_response_code(422);
    }
}

page_head('An upload', 'Howdah takes the whole body first and bothers a worker only then, so a slow line keeps nobody busy.');
?>
<?php if ($problem !== null): ?>
<p class="card error" role="alert"><?= e($problem) ?></p>
<?php endif ?>
<?php if ($file !== null): ?>
<section class="card answer" aria-labelledby="answer-title">
  <h2 id="answer-title">It arrived.</h2>
<?php
    facts_table('The file as the worker found it', [
        'Name' => $file['name'],
        'Size' => bytes($file['size']) . ' (' . number_format($file['size']) . ' bytes)',
        'Type, says the browser' => $file['type'],
        'SHA-256' => (string) hash_file('sha256', $file['tmp_name']),
        'Worker' => getmypid(),
    ]);
?>
  <p class="note">Nothing is kept: PHP deletes the file at the end of the request.</p>
</section>
<?php endif ?>
<form class="card fields" method="post" action="upload.php" enctype="multipart/form-data">
  <p>
    <label for="file">A file <span class="note">(at most <?= e(ini_get('upload_max_filesize')) ?>: upload_max_filesize)</span></label>
    <input id="file" name="file" type="file" required>
  </p>
  <p><button type="submit">Upload</button></p>
</form>
<?php
page_foot();
