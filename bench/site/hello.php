<?php
// The smallest page: what is measured is everything except PHP.
echo "hello\n";
