<?php
echo "before";
this is not PHP
