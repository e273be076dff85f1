<?php
// What all pages share: the frame around them, escaping, and the small state that survives a request.
declare(strict_types=1);

const PAGES = [
    'index.php' => 'Workers',
    'form.php' => 'Form',
    'upload.php' => 'Upload',
    'path.php' => 'Path',
    'stream.php' => 'Stream',
    'finish.php' => 'Finish',
    'facts.php' => 'Facts',
];

/** Text for HTML. */
function e(string|int|float|null $text): string
{
    return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

/** 1536 as "1.5 KiB". */
function bytes(int $n): string
{
    $units = ['B', 'KiB', 'MiB', 'GiB'];
    $power = $n > 0 ? min(3, (int) floor(log($n, 1024))) : 0;
    return round($n / 1024 ** $power, 1) . ' ' . $units[$power];
}

/** The path of the site's own directory, so that it works below any URL. */
function base(): string
{
    return rtrim(str_replace('\\', '/', dirname($_SERVER['SCRIPT_NAME'] ?? '/')), '/') . '/';
}

function page_head(string $title, string $lead): void
{
    header('Content-Type: text/html; charset=utf-8');
    header("Content-Security-Policy: default-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'");
    header('Cache-Control: no-store');
    $here = basename($_SERVER['SCRIPT_NAME'] ?? '');
    $base = base();
    ?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><?= e($title) ?> · Howdah</title>
<link rel="icon" type="image/svg+xml" href="<?= e($base) ?>favicon.svg">
<link rel="stylesheet" href="<?= e($base) ?>style.css">
<script src="<?= e($base) ?>site.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <div class="wrap bar">
    <a class="brand" href="<?= e($base) ?>"><img src="<?= e($base) ?>favicon.svg" alt="" width="32" height="32"> Howdah</a>
    <nav aria-label="Pages">
      <ul>
<?php foreach (PAGES as $file => $name): ?>
        <li><a href="<?= e($base . ($file === 'index.php' ? '' : $file)) ?>"<?= $file === $here ? ' aria-current="page"' : '' ?>><?= e($name) ?></a></li>
<?php endforeach ?>
      </ul>
    </nav>
  </div>
</header>
<main id="main" class="wrap">
<h1><?= e($title) ?></h1>
<p class="lead"><?= $lead ?></p>
<?php
}

function page_foot(): void
{
    $ms = (microtime(true) - ($_SERVER['REQUEST_TIME_FLOAT'] ?? microtime(true))) * 1000;
    ?>
</main>
<footer class="wrap foot">
  <p>Worker <?= getmypid() ?> · PHP <?= e(PHP_VERSION) ?> (<?= e(PHP_SAPI) ?>) · <?= number_format($ms, 1) ?> ms</p>
</footer>
</body>
</html>
<?php
}

/** A table of names and values. Values are text. */
function facts_table(string $caption, array $rows): void
{
    ?>
<div class="scroll" role="region" tabindex="0" aria-label="<?= e($caption) ?>">
<table>
<caption><?= e($caption) ?></caption>
<tbody>
<?php foreach ($rows as $name => $value): ?>
<tr><th scope="row"><?= e($name) ?></th><td><?= e($value) ?></td></tr>
<?php endforeach ?>
</tbody>
</table>
</div>
<?php
}

/**
 * Reads the site's state, lets $change alter it and writes it back, with nobody between. Returns the new state, or null where
 * nothing can be kept.
 *
 * @param callable(array): array $change
 */
function state(callable $change): ?array
{
    $user = function_exists('posix_geteuid') ? posix_geteuid() : getmyuid();
    $file = @fopen(sys_get_temp_dir() . '/howdah-example-' . $user . '-' . substr(md5(__DIR__), 0, 8) . '.json', 'c+');
    if ($file === false || !flock($file, LOCK_EX)) {
        return null;
    }
    $state = $change(json_decode((string) stream_get_contents($file), true) ?: []);
    ftruncate($file, 0);
    rewind($file);
    fwrite($file, (string) json_encode($state));
    fclose($file); // and the lock with it
    return $state;
}
