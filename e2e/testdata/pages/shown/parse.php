<?php
echo "shown";
this is not PHP
