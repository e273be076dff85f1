<?php
// placeholder; replaced in the next commit
