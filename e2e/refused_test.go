package e2e

import (
	"os"
	"testing"
)

// refusedFiles adds files to the site that can't be in a repository: without rights, and links.
func (p *pair) refusedFiles(t *testing.T) {
	t.Helper()
	p.sb.page(t, "unreadable.php", "<?php echo 'read';")
	p.sb.page(t, "closed/hello.php", "<?php echo 'entered';")
	for path, mode := range map[string]os.FileMode{"unreadable.php": 0o600, "closed": 0o700} {
		if err := os.Chmod(p.sb.path("site", path), mode); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link.php": "hello.php", "dangling.php": "nowhere.php", "disguised.php": "plain.txt"} {
		if err := os.Symlink(target, p.sb.path("site", link)); err != nil {
			t.Fatal(err)
		}
	}
}
