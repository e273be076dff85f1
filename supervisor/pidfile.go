package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// PIDFile is the file with our process number. Source: php-fpm key pid.
type PIDFile struct {
	path string
	made os.FileInfo
}

// WritePIDFile writes the file, mode 0644 and without a newline as php-fpm's, in one step: nobody ever reads half of it. Write it when the service is ready.
func WritePIDFile(path string) (*PIDFile, error) {
	made, err := writePIDFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot write the pid file: %w", err)
	}
	return &PIDFile{path, made}, nil
}

func writePIDFile(path string) (os.FileInfo, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".howdah-pid-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	made, err := f.Stat()
	if err == nil {
		_, err = f.WriteString(strconv.Itoa(os.Getpid()))
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return nil, err
	}
	return made, nil
}

// Remove removes the file, unless another process has put its own in its place. A nil PIDFile has none.
func (p *PIDFile) Remove() error {
	if p == nil {
		return nil
	}
	there, err := os.Lstat(p.path)
	if err != nil || !os.SameFile(p.made, there) {
		return nil
	}
	return os.Remove(p.path)
}
