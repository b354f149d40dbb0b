<?php
// Plays a scene with a plugin or a functions.php: play.php FILE, and on standard input a JSON of
//   {"site": {…}, "constants": {…}, "admin": bool, "scene": [["step", …], …]}
// Prints the state afterwards as JSON, with what each step has given in "said".
require __DIR__ . '/stubs.php';
$given = json_decode( stream_get_contents( STDIN ), true );
$wp    = array_merge( $wp, $given['site'] ?? array() );
foreach ( $given['constants'] ?? array() as $name => $value ) {
	define( $name, $value );
}
if ( $given['admin'] ?? false ) {
	define( 'WP_ADMIN', true );
}
if ( $wp['woocommerce'] ) {
	wp_with_woocommerce();
}
ob_start();
require $argv[1];
ob_clean();
do_action( 'before_woocommerce_init' );
do_action( 'init' );

$steps = array(
	'page'      => function () {
		$GLOBALS['wp_scripts'] = array();
		wp_head();
		echo '<body>';
		wp_footer();
	},
	'do'        => function ( ...$arguments ) {
		do_action( ...$arguments );
	},
	'set'       => function ( $name, $value ) {
		$GLOBALS['wp'][ $name ] = $value;
	},
	'call'      => function ( $function, ...$arguments ) {
		return $function( ...$arguments );
	},
	'post'      => function ( $action, $form ) {
		$_POST = array_map( fn ( $value ) => is_string( $value ) ? addslashes( $value ) : $value, $form );
		do_action( "admin_post_$action" );
	},
	'rest'      => function ( $method, $route, $headers = array() ) {
		$_SERVER['HTTP_HOST'] = $headers['host'] ?? 'shop.example';
		$answer               = rest_answer( $method, $route, $headers );
		return array( $answer->status, $answer->data, $answer->headers );
	},
	// What changes an order: its row is stored, then WooCommerce says so with the order itself.
	'order'     => function ( $hook, $row, ...$more ) {
		$GLOBALS['wp']['orders'][ $row['reference'] ] = $row;
		do_action( $hook, (int) $row['reference'], ...array( ...$more, new WC_Order( $row ) ) );
	},
	'forget'    => function ( $id ) {
		unset( $GLOBALS['wp']['orders'][ $id ] );
	},
	// What Action Scheduler and WP-Cron do a while later.
	'run'       => function () {
		$all                     = array_merge( $GLOBALS['wp']['queued'], $GLOBALS['wp']['cron'] );
		$GLOBALS['wp']['queued'] = array();
		$GLOBALS['wp']['cron']   = array();
		foreach ( $all as $one ) {
			try {
				do_action( $one[1], ...$one[2] );
			} catch ( Exception $failure ) { // Action Scheduler shows these to the merchant.
				$GLOBALS['wp']['failed'][] = $failure->getMessage();
			}
		}
	},
	'uninstall' => function () {
		define( 'WP_UNINSTALL_PLUGIN', 'parley/parley.php' );
		require dirname( $GLOBALS['argv'][1] ) . '/uninstall.php';
	},
);
$said  = array();
foreach ( $given['scene'] as $step ) {
	$name = array_shift( $step );
	ob_start();
	try {
		$result = $steps[ $name ]( ...$step );
	} catch ( WpDied $death ) {
		$result = 'died: ' . $death->getMessage();
	} catch ( WpRedirected $redirect ) {
		$result = 'redirected: ' . $redirect->getMessage();
	}
	$said[] = $result ?? ob_get_contents();
	ob_end_clean();
	unset( $result );
}
ob_end_clean();
echo json_encode( array( 'said' => $said ) + $wp, JSON_PARTIAL_OUTPUT_ON_ERROR );
