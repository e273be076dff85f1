<?php
declare(strict_types=1);
require __DIR__ . '/lib/page.php';

if (isset($_GET['lines'])) {
    header('Content-Type: text/plain; charset=utf-8');
    header('Cache-Control: no-store');
    header('X-Accel-Buffering: no'); // nginx in between shall not collect
    while (ob_get_level() > 0) {
        ob_end_flush();
    }
    for ($i = 1; $i <= 10; $i++) {
        printf("Line %2d of 10, written %s by worker %d\n", $i, date('H:i:s'), getmypid());
        flush();
        usleep(300_000);
    }
    exit;
}

page_head('A stream', 'The worker writes a line, calls <code>flush()</code> and rests for 0.3 seconds, ten times.');
?>
<section class="card" aria-labelledby="stream-title" data-stream="stream.php?lines">
  <div class="card-head">
    <h2 id="stream-title">As it comes</h2>
    <button type="button" data-again hidden>Once more</button>
  </div>
  <progress max="10" value="0" aria-label="Lines received">0</progress>
  <pre data-lines tabindex="0" aria-label="Lines as they arrive"></pre>
  <p class="status" role="status" data-status>Without JavaScript: <a href="stream.php?lines">see the plain stream</a>.</p>
</section>
<?php
page_foot();
