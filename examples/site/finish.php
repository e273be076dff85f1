<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

const WORK_SECONDS = 2;

$available = function_exists('fastcgi_finish_request');
$method = $_SERVER['REQUEST_METHOD'] ?? '';

// The job: the answer goes out first, the work is done and noted afterwards.
if ($method === 'POST') {
    $job = bin2hex(random_bytes(8));
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode(['job' => $job, 'pid' => getmypid(), 'finished' => $available]), "\n";
    if ($available) {
        fastcgi_finish_request();
    }
    sleep(WORK_SECONDS);
    state(static function (array $state) use ($job): array {
        $state['jobs'][$job] = ['pid' => getmypid(), 'done' => date('H:i:s')];
        $state['jobs'] = array_slice($state['jobs'], -20, null, true);
        return $state;
    });
    exit;
}

// What became of it.
if (isset($_GET['job'])) {
    $state = state(static fn (array $state): array => $state);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode(is_string($_GET['job']) ? $state['jobs'][$_GET['job']] ?? null : null), "\n";
    exit;
}

page_head('Finish early', '<code>fastcgi_finish_request()</code> sends the answer and lets the script work on: mail, thumbnails, the clearing up.');
?>
<section class="card" aria-labelledby="finish-title" data-finish="finish.php">
  <div class="card-head">
    <h2 id="finish-title"><?= $available ? 'It is here' : 'It is not here' ?></h2>
    <button type="button" data-again hidden>Start a job of <?= WORK_SECONDS ?> seconds</button>
  </div>
<?php if (!$available): ?>
  <p>This PHP has no <code>fastcgi_finish_request()</code>. Under Howdah it is there when host calls are on; its log says why they are off. The job below then keeps you waiting.</p>
<?php endif ?>
  <ol class="steps" data-steps>
    <li data-step="asked">The browser asks.</li>
    <li data-step="answered">The answer is here.</li>
    <li data-step="done">The work is done.</li>
  </ol>
  <p class="status" role="status" data-status>Without JavaScript: <code>curl -X POST …/finish.php</code></p>
</section>
<?php
page_foot();
