<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

$info = $_SERVER['PATH_INFO'] ?? '';
page_head('A path', 'Whatever follows <code>path.php</code> in the address is the script\'s to interpret.');
?>
<section class="card" aria-labelledby="info-title">
  <h2 id="info-title">PATH_INFO</h2>
  <p class="path"><?= $info === '' ? 'none' : e($info) ?></p>
  <ul class="chips" aria-label="Examples">
<?php foreach (['', '/some/path', '/2026/11/an-article', '/with%20space/%C3%A9l%C3%A9phant', '/a/?query=too'] as $example): ?>
    <li><a href="<?= e($_SERVER['SCRIPT_NAME'] . $example) ?>"><?= e('path.php' . rawurldecode($example)) ?></a></li>
<?php endforeach ?>
  </ul>
</section>
<?php
$rows = [];
foreach (['REQUEST_URI', 'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_INFO', 'PATH_TRANSLATED', 'PHP_SELF', 'QUERY_STRING', 'DOCUMENT_ROOT', 'DOCUMENT_URI'] as $name) {
    $rows[$name] = $_SERVER[$name] ?? '(not set)';
}
facts_table('What the worker was told', $rows);
page_foot();
