<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

$sent = ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST';
$field = static fn (string $name): string => is_string($_POST[$name] ?? null) ? $_POST[$name] : '';
$name = trim($field('name'));
$text = trim($field('text'));
$missing = $sent && $name === '';
if ($missing) {
    http_response_code(422);
}

page_head('A form', 'What you type goes to a worker as a POST and comes back escaped. Try some <code>&lt;b&gt;HTML&lt;/b&gt;</code>.');
?>
<?php if ($sent && !$missing): ?>
<section class="card answer" aria-labelledby="answer-title">
  <h2 id="answer-title">Hello, <?= e($name) ?>.</h2>
<?php if ($text !== ''): ?>
  <blockquote><?= nl2br(e($text)) ?></blockquote>
<?php endif ?>
  <p class="note">Worker <?= getmypid() ?> read <?= e(bytes((int) ($_SERVER['CONTENT_LENGTH'] ?? 0))) ?> of <code><?= e($_SERVER['CONTENT_TYPE'] ?? '') ?></code>.</p>
</section>
<?php endif ?>
<form class="card fields" method="post" action="form.php">
  <p>
    <label for="name">Your name</label>
    <input id="name" name="name" autocomplete="name" maxlength="80" value="<?= e($name) ?>" required<?= $missing ? ' aria-invalid="true" aria-describedby="name-error"' : '' ?>>
<?php if ($missing): ?>
    <span class="error" id="name-error">A name is needed, of whatever kind.</span>
<?php endif ?>
  </p>
  <p>
    <label for="text">A few words <span class="note">(optional)</span></label>
    <textarea id="text" name="text" rows="4" maxlength="2000"><?= e($text) ?></textarea>
  </p>
  <p><button type="submit">Send</button></p>
</form>
<?php
page_foot();
