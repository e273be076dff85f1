package fsuser_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"howdah/internal/fsuser"
)

func TestAUserSeesOnlyWhatHisIdsAllow(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	done := make(chan [3]error)
	go func() {
		var as, after, asGroup error
		fsuser.Do(&fsuser.User{UID: nobody, GID: nobody}, func() { _, as = os.ReadFile(secret) })
		_, after = os.ReadFile(secret)
		fsuser.Do(nil, func() { _, asGroup = os.ReadFile(secret) })
		done <- [3]error{as, after, asGroup}
	}()
	errs := <-done
	if os.Geteuid() == 0 && !errors.Is(errs[0], fs.ErrPermission) {
		t.Errorf("as nobody: %v, want permission denied", errs[0])
	}
	if errs[1] != nil || errs[2] != nil {
		t.Errorf("as ourselves again: %v, %v", errs[1], errs[2])
	}
}
