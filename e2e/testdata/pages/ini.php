<?php
// Tries to change the setting ?key, and prints what it is before and after.
echo var_export(ini_get($_GET['key']), true), ' ', var_export(@ini_set($_GET['key'], $_GET['value']), true), ' ', var_export(ini_get($_GET['key']), true);
