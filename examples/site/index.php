<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

$pid = getmypid();
$state = state(static function (array $state) use ($pid): array {
    if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
        return ['visits' => 0, 'workers' => []];
    }
    $state['visits'] = ($state['visits'] ?? 0) + 1;
    $state['workers'][$pid] = ($state['workers'][$pid] ?? 0) + 1;
    $state['workers'] = array_slice($state['workers'], -12, null, true);
    return $state;
});
if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
    header('Location: ' . base() . '#visits', true, 303);
    exit;
}

page_head('It works.', 'This page was made by PHP worker <strong class="pid">' . $pid . '</strong>. Howdah started it, gave it this request and has it back already.');
?>
<section class="card" aria-labelledby="workers-title" data-workers="<?= e(base()) ?>worker.php">
  <div class="card-head">
    <h2 id="workers-title">Who answers?</h2>
    <button type="button" data-again hidden>Ask again</button>
  </div>
  <p>Your browser asks 24 times, as many at once as it can. Each answer says which worker gave it.</p>
  <ol class="lanes" data-lanes></ol>
  <p class="status" role="status" data-status>Without JavaScript: <a href="worker.php">ask one worker</a> and reload.</p>
</section>

<section class="card" id="visits" aria-labelledby="visits-title">
  <div class="card-head">
    <h2 id="visits-title">Visits</h2>
    <form method="post"><button type="submit" class="quiet">Start at zero</button></form>
  </div>
<?php if ($state === null): ?>
  <p>The counter has no place to write: <code><?= e(sys_get_temp_dir()) ?></code> is not writable for the worker.</p>
<?php else: ?>
  <div class="visits">
    <p class="figure"><span><?= number_format($state['visits']) ?></span> <?= $state['visits'] === 1 ? 'visit' : 'visits' ?> to this page</p>
    <ul class="chips" aria-label="Visits by worker">
<?php foreach (array_reverse($state['workers'], true) as $worker => $count): ?>
      <li<?= $worker === $pid ? ' class="this"' : '' ?>><span class="pid"><?= e($worker) ?></span> × <?= e($count) ?></li>
<?php endforeach ?>
    </ul>
  </div>
  <p class="note">Kept in a file under <code>flock()</code>: workers share no memory, and none is lost when they count at the same time.</p>
<?php endif ?>
</section>

<section aria-labelledby="more-title">
  <h2 id="more-title">Try the rest</h2>
  <ul class="grid">
    <li><a class="tile" href="form.php"><strong>Form</strong><span>A POST and its escaped echo</span></a></li>
    <li><a class="tile" href="upload.php"><strong>Upload</strong><span>A file arrives whole: its size and SHA-256</span></a></li>
    <li><a class="tile" href="path.php/some/path"><strong>Path</strong><span>What follows a script's name is PATH_INFO</span></a></li>
    <li><a class="tile" href="stream.php"><strong>Stream</strong><span>Each <code>flush()</code> reaches you at once</span></a></li>
    <li><a class="tile" href="finish.php"><strong>Finish</strong><span>Answer first, work on afterwards</span></a></li>
    <li><a class="tile" href="facts.php"><strong>Facts</strong><span>PHP, its SAPI, opcache, limits</span></a></li>
  </ul>
</section>
<?php
page_foot();
